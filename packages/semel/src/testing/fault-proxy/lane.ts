import type { Socket } from 'node:net';

/** What clients send, or what the server sends. */
export type Direction = 'requests' | 'replies';

/** How the network is in one direction. */
export interface Conditions {
  delayMs: number;
  held: boolean;
}

interface Step {
  readonly arrivedMs: number;
  readonly bytes: number;
  readonly act: () => void;
}

/** What a lane takes before its source has to wait, as it would for a full socket buffer. */
const CAPACITY = 1024 * 1024;

/** One direction of a connection: what enters it happens in order, late and unless it is held. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #conditions: Readonly<Conditions>;
  readonly #steps: Step[] = [];
  #bytes = 0;
  #held = false;
  #dropped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, conditions: Readonly<Conditions>) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
    to.on('drain', () => this.#throttle());
    to.on('close', () => this.drop());
  }

  /** Lets `act` happen after all that entered before; `bytes` is what it holds of the lane's capacity. */
  enter(act: () => void, bytes = 0): void {
    if (this.#dropped) return;
    this.#steps.push({ arrivedMs: performance.now(), bytes, act });
    this.#bytes += bytes;
    this.run();
  }

  /** Forwards bytes. */
  write(bytes: Buffer): void {
    if (bytes.length > 0) this.enter(() => this.#to.write(bytes), bytes.length);
  }

  /** Keeps back what is in the lane and what enters it. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.run();
  }

  /** Lets happen what is due; to be called when the conditions have changed. */
  run(): void {
    clearTimeout(this.#timer);
    for (let step = this.#steps[0]; step !== undefined && !this.#held && !this.#conditions.held; step = this.#steps[0]) {
      const waitMs = step.arrivedMs + this.#conditions.delayMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.run(), Math.ceil(waitMs));
        break;
      }
      this.#steps.shift();
      this.#bytes -= step.bytes;
      step.act();
    }
    this.#throttle();
  }

  /** Forgets what is in the lane and all that enters it; the source is read to its end. */
  drop(): void {
    this.#dropped = true;
    clearTimeout(this.#timer);
    this.#steps.length = 0;
    this.#from.resume();
  }

  #throttle(): void {
    if (this.#dropped) return;
    if (this.#bytes >= CAPACITY || this.#to.writableNeedDrain) this.#from.pause();
    else this.#from.resume();
  }
}
