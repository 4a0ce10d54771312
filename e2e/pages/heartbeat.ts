/** Of tabs and worker alike, in milliseconds: the default for the full figures, and less for the gate. */
export const HEARTBEAT = import.meta.env['TORTURE'] === '1' ? 15_000 : 2_250
