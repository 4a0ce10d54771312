import { spin } from './spin.mjs'

export default spin
