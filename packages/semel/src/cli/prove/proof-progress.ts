import type { PlayedTrial } from '../../prove/once/proof.ts';
import { counted } from '../output/counted.ts';
import type { World } from '../world.ts';

const WIDTH = 30;
/** Where nobody watches, a line for each such part. */
const LINES = 4;
const CLEAR_LINE = '\r\u001b[K';

/** How far a proof has come: a bar on a terminal, a few lines on stderr elsewhere. */
export class ProofProgress {
  readonly #world: World;
  #violations = 0;
  #lines = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A trial is over. */
  show({ number, of, scenario, violations }: PlayedTrial): void {
    this.#violations += violations.length;
    const found = counted(this.#violations, 'violation');
    if (this.#world.isTty) {
      const full = Math.round((number / of) * WIDTH);
      const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
      this.#world.stdout.write(`${CLEAR_LINE}${bar} ${number}/${of}, ${found}, ${scenario.fault} at ${scenario.step}`);
    } else if (Math.floor((number * LINES) / of) > this.#lines) {
      this.#lines += 1;
      this.#world.stderr.write(`semel: ${number} of ${of} trials, ${found}\n`);
    }
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#world.isTty) this.#world.stdout.write(CLEAR_LINE);
  }
}
