const TYPE = 'application/x-troupe-card'

/** Lets cards be dragged to another place. `moved` gets the id of the card, its column, and the card that it goes before. */
export function letDrag(
  lists: readonly HTMLElement[],
  moved: (id: string, column: number, before: string | undefined) => void,
): void {
  for (const [column, list] of lists.entries()) {
    const area = list.parentElement!
    list.addEventListener('dragstart', (event) => {
      const card = cardAt(event.target)
      if (!card) return
      event.dataTransfer!.setData(TYPE, card.id.replace('card-', ''))
      event.dataTransfer!.effectAllowed = 'move'
      card.classList.add('dragged')
    })
    list.addEventListener('dragend', (event) => cardAt(event.target)?.classList.remove('dragged'))
    area.addEventListener('dragover', (event) => {
      if (!event.dataTransfer!.types.includes(TYPE)) return
      event.preventDefault()
      area.dataset['over'] = ''
    })
    area.addEventListener('dragleave', (event) => {
      if (!area.contains(event.relatedTarget as Node | null)) delete area.dataset['over']
    })
    area.addEventListener('drop', (event) => {
      event.preventDefault()
      delete area.dataset['over']
      const id = event.dataTransfer!.getData(TYPE)
      const before = [...list.children].find((card) => {
        const { top, height } = card.getBoundingClientRect()
        return event.clientY < top + height / 2
      })
      const next = before?.id.replace('card-', '')
      if (id && id !== next) moved(id, column, next)
    })
  }
}

const cardAt = (target: EventTarget | null): HTMLElement | null => (target as Element).closest<HTMLElement>('.card')
