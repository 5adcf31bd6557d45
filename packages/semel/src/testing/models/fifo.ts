/** First in, first out, in constant time a step. */
export class Fifo<Element> {
  #elements: Element[] = [];
  #start = 0;

  push(element: Element): void {
    this.#elements.push(element);
  }

  shift(): Element | undefined {
    if (this.#start === this.#elements.length) return undefined;
    const element = this.#elements[this.#start] as Element;
    this.#start++;
    if (this.#start > 1024 && this.#start * 2 > this.#elements.length) {
      this.#elements = this.#elements.slice(this.#start);
      this.#start = 0;
    }
    return element;
  }

  /** Puts back what was just taken out. */
  unshift(element: Element): void {
    if (this.#start === 0) this.#elements.unshift(element);
    else this.#elements[--this.#start] = element;
  }
}
