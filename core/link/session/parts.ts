// Which optional parts of the envelope follow; added to the op.

export const Remaining = 32
export const Sender = 64
export const Extensions = 128
export const Chain = 256
/** No part: in place of the index stands the slot of a call, and what that one brings is called. */
export const Follows = 512
