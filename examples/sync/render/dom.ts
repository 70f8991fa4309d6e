/** An element that the page's HTML is known to have. */
export function find<Kind extends HTMLElement>(
  id: string,
  kind: new (...none: never[]) => Kind,
): Kind {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} with id "${id}".`)
  return found
}

/** Writes a text where it changed, so that live regions speak only of news. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

/** A new element with a class and what it holds; texts are never read as HTML. */
export function element(
  tag: string,
  className: string,
  ...children: (string | Node)[]
): HTMLElement {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.append(...children)
  return made
}
