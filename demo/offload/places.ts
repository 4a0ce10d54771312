import { type View, WHOLE } from './mandelbrot.js'

/** Places in the Mandelbrot set that are worth a visit. */
export const places: Readonly<Record<string, View>> = {
  Satellite: { x: -0.743643887037151, y: 0.13182590420533, span: 0.00002 },
  'The whole set': WHOLE,
  'Seahorse valley': { x: -0.7463, y: 0.1102, span: 0.0065 },
  'Elephant valley': { x: 0.2925755, y: -0.0149977, span: 0.003 },
  Spiral: { x: -0.7756838, y: 0.1364674, span: 0.0004 },
  Antenna: { x: -1.7548776662466927, y: 0, span: 0.06 },
  'Deep island': { x: -0.743643887037151, y: 0.13182590420533, span: 5e-11 },
}
