/** The address of a WebSocket beside this page. */
export function address(path: string): URL {
  const url = new URL(path, location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  return url
}
