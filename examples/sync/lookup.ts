import { type AccountState, HexError, type StateSyncHandle, type Verified } from 'cambium'
import { element, find, setText } from './render/dom.ts'
import { explain } from './render/explain.ts'
import { count, ends, ether } from './render/format.ts'

/** Root of a trie without leaves: the Keccak-256 of the RLP of nothing, `0x80`. */
const EMPTY_ROOT = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

/** Makes the lookup box work: one account of the last complete state at a time, read from disk. */
export function lookup(handle: () => StateSyncHandle | undefined): void {
  const input = find('address', HTMLInputElement)
  const fault = find('address-fault', HTMLElement)
  const answer = find('answer', HTMLElement)

  find('lookup-form', HTMLFormElement).addEventListener('submit', async (event) => {
    event.preventDefault()
    const address = input.value.trim()
    answer.replaceChildren()
    setText(fault, '')
    input.removeAttribute('aria-invalid')
    try {
      const found = await handle()?.getAccount(address)
      if (found) answer.replaceChildren(drawAnswer(address, found))
    } catch (error) {
      const malformed = error instanceof HexError
      const { title, advice, message } = explain(error)
      setText(fault, malformed ? malformedAddress(address) : `${title}. ${advice} (${message})`)
      input.setAttribute('aria-invalid', 'true')
    }
  })
}

/** Offers an address to look at, or takes the offer away. */
export function offerAddress(address: string | undefined): void {
  const hint = find('address-hint', HTMLElement)
  hint.hidden = address === undefined
  if (address === undefined) return
  const offer = element('button', 'link mono', ends(address, 10, 8)) as HTMLButtonElement
  offer.type = 'button'
  offer.addEventListener('click', () => {
    find('address', HTMLInputElement).value = address
    find('lookup-form', HTMLFormElement).requestSubmit()
  })
  hint.replaceChildren('For example ', offer)
}

function malformedAddress(address: string): string {
  const expected = 'An address is 0x and 40 hexadecimal digits'
  return address === '' ? `${expected}.` : `${expected}; this is not: ${address.slice(0, 80)}`
}

function drawAnswer(
  address: string,
  { value, stateRoot, block }: Verified<AccountState | undefined>,
) {
  const under = element('span', 'mono', ends(stateRoot, 10, 8))
  const of = block === undefined ? '' : `, the state root of block ${count(block.number)}`
  if (value === undefined) {
    return element(
      'div',
      'answer absent',
      element('h3', '', 'Proven: no such account'),
      element('p', 'hash', address),
      element(
        'p',
        'hint',
        'The state under ',
        under,
        `${of && `${of},`} has no account at this address.`,
      ),
    )
  }
  const rows = element('dl', 'account')
  const row = (name: string, ...shown: (string | Node)[]) =>
    rows.append(element('div', '', element('dt', '', name), element('dd', '', ...shown)))
  row(
    'Balance',
    element('strong', '', `${ether(value.balance)} ETH`),
    element('span', 'sub mono', `${count(value.balance)} wei`),
  )
  row('Nonce', count(value.nonce))
  row('Code size', value.codeSize === 0 ? 'no code' : `${count(value.codeSize)} bytes`)
  const empty = value.storageRoot === EMPTY_ROOT ? ' (no storage)' : ''
  row('Storage root', element('span', 'hash', value.storageRoot), empty)
  return element(
    'div',
    'answer',
    element('h3', '', 'Proven account'),
    element('p', 'hash', address),
    rows,
    element('p', 'hint', 'Proven under ', under, of),
  )
}
