/** In milliseconds, for tabs and worker alike: so short that one who stops for seconds misses many. */
export const HEARTBEAT = 250
