import { connect } from './troupe-link.mjs'

export const open = () => connect('troupe-far.mjs')
