const COLOURS = ['#6d5ef5', '#e08a00', '#0f9f6e', '#db2777', '#0284c7', '#dc2626', '#65a30d', '#a16207']

/** The colour that stands for a tab, by its number. 0 is none. */
export const colourOf = (tab: number): string => (tab ? COLOURS[(tab - 1) % COLOURS.length]! : 'var(--soft)')
