const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text of strangers, fit for HTML and its attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** As {@link escaped}, with what stands in backticks as code. */
export function withCode(text: string): string {
  return escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

/** Parts of a page, one after another. */
export function joined<Item>(items: readonly Item[], markup: (item: Item, index: number) => string): string {
  return items.map(markup).join('');
}

/** `3.1 ms`. */
export function milliseconds(ms: number): string {
  return `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
}
