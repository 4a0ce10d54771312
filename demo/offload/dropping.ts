/** Calls `opened` with each file that is dropped on the page or pasted into it. Shows on `target` that it can be dropped. */
export function onFile(target: HTMLElement, opened: (file: File) => void): void {
  const carriesFile = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false
  const show = (isOver: boolean): void => void target.toggleAttribute('data-over', isOver)

  addEventListener('dragover', (event) => {
    if (!carriesFile(event)) return
    event.preventDefault()
    show(true)
  })
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) show(false)
  })
  addEventListener('drop', (event) => {
    show(false)
    if (!carriesFile(event)) return
    event.preventDefault()
    const file = event.dataTransfer!.files[0]
    if (file) opened(file)
  })
  addEventListener('paste', ({ clipboardData }) => {
    const file = clipboardData?.files[0]
    if (file) opened(file)
  })
}
