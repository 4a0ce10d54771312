const COLOURS = ['#8b7cff', '#f59e0b', '#10b981', '#ec4899', '#0ea5e9', '#ef4444', '#84cc16', '#a16207']

/** The colour that stands for a worker of the pool, by its number. */
export const colourOf = (id: number): string => COLOURS[(id - 1) % COLOURS.length]!
