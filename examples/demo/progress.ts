import type { Mode } from './mode.ts';
import type { Snapshot } from './until-quiet.ts';

const REDRAW_MS = 50;
const BAR_WIDTH = 30;
const CLEAR_LINE = '\r\u001B[K';

/** Where progress is shown: standard error. */
export type Screen = Pick<NodeJS.WriteStream, 'write' | 'isTTY'>;

/** Shows how far a column has got: on a terminal one line that is drawn again and again, elsewhere a line when it begins and one when it ends. */
export class Progress {
  readonly #mode: Mode;
  readonly #messages: number;
  readonly #screen: Screen;
  #last: Snapshot = { delivered: 0, kills: 0 };
  #drawnAtMs = 0;

  constructor(mode: Mode, messages: number, screen: Screen = process.stderr) {
    this.#mode = mode;
    this.#messages = messages;
    this.#screen = screen;
    if (!screen.isTTY) screen.write(`${mode}: ${messages} payments, workers started\n`);
  }

  show(snapshot: Snapshot): void {
    this.#last = snapshot;
    if (!this.#screen.isTTY || Date.now() - this.#drawnAtMs < REDRAW_MS) return;
    this.#drawnAtMs = Date.now();
    const filled = Math.round((BAR_WIDTH * snapshot.delivered) / this.#messages);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    this.#screen.write(`${CLEAR_LINE}${this.#mode.padEnd('acknowledge-first'.length)}  ${bar}  ${this.#summary()}`);
  }

  /** The line gives way to what comes next. */
  end(): void {
    this.#screen.write(this.#screen.isTTY ? CLEAR_LINE : `${this.#mode}: ${this.#summary()}\n`);
  }

  #summary(): string {
    const { delivered, kills } = this.#last;
    return `${delivered} of ${this.#messages} delivered, ${kills} crashes`;
  }
}
