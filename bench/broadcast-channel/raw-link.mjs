/** A tab that is called by hand. Only two are on the channel, so nothing says whom a message is for. */
export function connect(receive) {
  const channel = new BroadcastChannel('adder')
  channel.addEventListener('message', ({ data }) => receive(data))
  return { post: (message) => channel.postMessage(message), close: () => channel.close() }
}
