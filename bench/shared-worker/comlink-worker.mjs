import { expose } from 'comlink'
import { Adder } from '../adder.mjs'

addEventListener('connect', ({ ports: [port] }) => expose(new Adder(), port))
