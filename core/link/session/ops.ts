// What a frame asks for: its first number. Control frames and messages of users never share one.

export const Hello = 0
export const Welcome = 1
export const Close = 2
export const Call = 3
export const Tell = 4
export const Request = 5
export const Result = 6
export const Fail = 7
export const Abort = 8
export const Ping = 9
export const Pong = 10
/** How many calls the sender has in flight: a hint for the size of reply batches. */
export const Load = 11
/** Names that came and went. Between trusted sides only, as the next one. */
export const Names = 12
/** A port to another realm. */
export const Introduce = 13
/** An actor that the peer watches has ended. */
export const Down = 14
/** Reads or writes a property: a call in all else, and never of a method. */
export const Property = 15
/** The payload of that number, counted from the one behind the welcome, could not be read. */
export const Lost = 17
/** How many payloads were sent before: on a bus, which loses without a word what its members cannot read. */
export const Sent = 18
/** How many one-way messages of the peer were handled, and how many bytes they were: it may send as many more. */
export const Credit = 19
/** References that the sender was handed and needs no more: where they are in the peer's table, and how often it got them. */
export const Release = 16
