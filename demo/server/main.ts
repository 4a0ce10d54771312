import { webSocket } from 'troupe/websocket'
import { element } from '../element.js'
import { address } from './address.js'
import chatSource from './chat.ts?raw'
import { dispatcher, follow, rename, server } from './chat.js'
import { Events } from '../events.js'
import type { Faults } from './faults.js'
import { listen } from './faults-panel.js'
import { Guest } from './guest.js'
import { Ledger } from './ledger.js'
import { MessageList } from './message-list.js'
import type { News } from './message.js'
import { Outbox } from './outbox.js'
import { PeopleList } from './people-list.js'
import roomSource from './room.ts?raw'
import { StatusLine } from './status-line.js'

const NAME = 'name'

const me = dispatcher.id
const nameField = element<HTMLInputElement>('name')
const text = element<HTMLInputElement>('text')
const talk = element<HTMLButtonElement>('talk')

const events = new Events()
const messages = new MessageList()
const people = new PeopleList()
new StatusLine(server, (text) => events.add(text))
const outbox = new Outbox((...delivery) => messages.deliver(...delivery))
const guest = new Guest(
  new Outbox((...delivery) => messages.deliver(...delivery)),
  () => `${name}’s guest`,
  (isTalking) => (talk.textContent = isTalking ? 'Silence the guest' : 'Let a guest talk'),
)
let name = sessionStorage.getItem(NAME) ?? ''
let room = ''
let ledger = new Ledger()

function show(news: News): void {
  if (news.room !== room) {
    ledger = new Ledger()
    messages.clear()
    room = news.room
  }
  for (const message of news.messages) if (ledger.add(message)) messages.add(message)
  people.show(news.people, me)
  const { count, lost, doubled } = ledger
  const shown = count === 1 ? '1 message' : `${count.toLocaleString('en')} messages`
  element('tally').textContent = `${shown}, ${lost} lost, ${doubled} doubled`
  name = news.people.find(({ id }) => id === me)?.name ?? name
  if (document.activeElement !== nameField) nameField.value = name
  readOut(news)
}

/** Screen readers hear people, and no guests. */
function readOut({ messages, people }: News): void {
  const others = people.filter(({ id }) => id !== me).map(({ name }) => name)
  const heard = messages.findLast(({ name }) => others.includes(name))
  if (heard) element('announcement').textContent = `${heard.name}: ${heard.text}`
}

element('chat-source').textContent = chatSource.trim()
element('room-source').textContent = roomSource.trim()

element<HTMLFormElement>('say').addEventListener('submit', (event) => {
  event.preventDefault()
  if (text.value.trim()) outbox.add(name, text.value.trim())
  text.value = ''
})
nameField.addEventListener('change', () => {
  sessionStorage.setItem(NAME, nameField.value)
  name = nameField.value
  rename(name)
})
talk.addEventListener('click', () => guest.toggle())

const demo = await dispatcher.connect(webSocket(address('actors')))
listen((await demo.lookup<Faults>('faults'))!, me, (text) => events.add(text))

for await (const news of follow(() => name)) show(news)
