addEventListener('message', ({ data: { id, args } }) => postMessage({ id, result: args[0] }, [args[0]]))
