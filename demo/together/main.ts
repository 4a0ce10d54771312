import { element } from '../element.js'
import { Events } from '../events.js'
import boardSource from './board.ts?raw'
import togetherSource from './together.ts?raw'
import { BoardView } from './board-view.js'
import type { News } from './board.js'
import { changed, type Card, type Change } from './card.js'
import { colourOf } from './colours.js'
import { Helper } from './helper.js'
import { LeaderPanel } from './leader-panel.js'
import { keepForOffline } from './offline.js'
import { countOf, Outbox } from './outbox.js'
import { listen } from './tab-actions.js'
import { TabList } from './tab-list.js'
import { follow, joined, tab } from './together.js'

const text = element<HTMLInputElement>('text')
const help = element<HTMLButtonElement>('help')

element('board-source').textContent = boardSource.trim()
element('together-source').textContent = togetherSource.trim()
element('me').textContent = `tab ${tab.number}`
document.title = `Tab ${tab.number} · ${document.title}`
document.documentElement.style.setProperty('--me', colourOf(tab.number))

const log = (text: string): void => events.add(text)
const events = new Events()
const tabs = new TabList(tab.number)
const leader = new LeaderPanel(tab.number, log, (number) => (tabs.leader = number))
const view = new BoardView((change) => outbox.add(change))
let news: News = { cards: [], mine: 0, count: 0, lost: 0, doubled: 0 }
let shown: readonly Card[] = []
const outbox = new Outbox(show, log)
const helper = new Helper(
  () => shown,
  (change) => outbox.add(change),
  (isWorking) => (help.textContent = isWorking ? 'Stop the helper' : 'Let a helper work'),
)

/** Shows the board as it will be when all edits of this tab are stored. */
function show(): void {
  const changes = outbox.since(news.mine)
  shown = changes.reduce(tryToChange, news.cards)
  view.show(shown, changes)
  element('waiting').textContent = `${countOf(outbox.size)} waiting`
  element('tally').textContent = `${countOf(news.count)} stored, ${news.lost} lost, ${news.doubled} doubled`
}

/** What the board will refuse changes nothing. */
function tryToChange(cards: readonly Card[], change: Change): readonly Card[] {
  try {
    return changed(cards, change)
  } catch {
    return cards
  }
}

element<HTMLFormElement>('add').addEventListener('submit', (event) => {
  event.preventDefault()
  const value = text.value.trim()
  if (value) outbox.add({ kind: 'add', card: { id: crypto.randomUUID(), text: value, column: 0, tab: tab.number } })
  text.value = ''
})
help.addEventListener('click', () => helper.toggle())
listen(log)
show()
keepForOffline().then(
  () => log('This page can be loaded without its server now.'),
  () => log('This page cannot be loaded without its server.'),
)

try {
  leader.watch(await joined)
  for await (const next of follow()) {
    news = next
    show()
  }
} catch (error) {
  leader.fail(error)
}
