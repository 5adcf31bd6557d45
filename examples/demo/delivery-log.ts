import { appendFileSync, closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What the workers of a column were handed so far. */
export interface Deliveries {
  readonly total: number;
  /** Payments that were delivered at least once. */
  readonly payments: number;
}

const FILE = 'deliveries';
const CHUNK_BYTES = 65_536;

/** Every worker of a column writes down what it is handed: hardly a broker counts that. */
export class DeliveryLog {
  readonly #path: string;
  readonly #payments = new Set<string>();
  #total = 0;
  #readBytes = 0;

  /** @param folder the column's */
  constructor(folder: string) {
    this.#path = join(folder, FILE);
  }

  note(payment: string): void {
    appendFileSync(this.#path, `${payment}\n`);
  }

  /** Reads on from where it was, so that it can be asked often. */
  read(): Deliveries {
    const file = openSync(this.#path, 'a+');
    try {
      while (this.#readSome(file)) {}
    } finally {
      closeSync(file);
    }
    return { total: this.#total, payments: this.#payments.size };
  }

  /** Takes whole lines only. False at the end. */
  #readSome(file: number): boolean {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const read = chunk.subarray(0, readSync(file, chunk, 0, CHUNK_BYTES, this.#readBytes));
    const bytes = read.lastIndexOf('\n') + 1;
    const payments = read.toString('utf8', 0, bytes).split('\n').slice(0, -1);
    this.#total += payments.length;
    this.#readBytes += bytes;
    for (const payment of payments) this.#payments.add(payment);
    return bytes > 0;
  }
}
