import { connect } from './troupe-link.mjs'

export const open = () => connect('troupe-signed-far.mjs', { key: '0123456789abcdef0123456789abcdef' })
