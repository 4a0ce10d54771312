/** All that is posted to this window, from the start. */
export const heard: { readonly origin: string; readonly data: unknown }[] = []

addEventListener('message', ({ origin, data }: MessageEvent<unknown>) => heard.push({ origin, data }))
