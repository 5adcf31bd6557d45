/** A binary heap: the element that stands before all others is at hand in constant time. */
export class MinHeap<Element> {
  readonly #before: (a: Element, b: Element) => boolean;
  readonly #elements: Element[] = [];

  /** @param before whether `a` comes out before `b`; a strict order */
  constructor(before: (a: Element, b: Element) => boolean) {
    this.#before = before;
  }

  /** The first element, which stays. */
  peek(): Element | undefined {
    return this.#elements[0];
  }

  push(element: Element): void {
    const heap = this.#elements;
    let at = heap.push(element) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(element, heap[parent] as Element)) break;
      heap[at] = heap[parent] as Element;
      at = parent;
    }
    heap[at] = element;
  }

  /** Takes the first element out. */
  pop(): Element | undefined {
    const first = this.#elements[0];
    const last = this.#elements.pop();
    if (this.#elements.length > 0 && last !== undefined) this.#sink(last);
    return first;
  }

  #sink(element: Element): void {
    const heap = this.#elements;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && this.#before(heap[right] as Element, heap[left] as Element) ? right : left;
      if (!this.#before(heap[child] as Element, element)) break;
      heap[at] = heap[child] as Element;
      at = child;
    }
    heap[at] = element;
  }
}
