import type { Cell } from '../actor/cell.js'
import type { RemoteRef } from '../remote/remote-ref.js'

const collected = new FinalizationRegistry<WeakRef<Cell>>((cell) => cell.deref()?.countExport(-1))

/** An actor that ends when nothing holds it is held by those who hold a reference that now leads to it. */
export function keepWhile(face: RemoteRef, cell: Cell): void {
  if (!cell.life.keepAlive) return
  cell.countExport(1)
  face.home.env.keep?.(face)
  collected.register(face, new WeakRef(cell))
}
