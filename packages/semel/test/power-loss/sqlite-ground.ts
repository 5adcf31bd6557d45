import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Loss } from './disk-image.ts';
import { ForgetfulDisk } from './forgetful-disk.ts';
import type { Ground } from './ground.ts';

/** SQLite files on a disk that forgets. */
export class SqliteGround implements Ground {
  readonly store: string;
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'semel-ground-'));
  readonly #synchronous: 'FULL' | 'NORMAL';
  #disk: ForgetfulDisk | undefined;

  /** @param synchronous the option of the stores */
  constructor(synchronous: 'FULL' | 'NORMAL' = 'FULL') {
    this.store = `sqlite:${this.#folder}`;
    this.#synchronous = synchronous;
  }

  get variables(): Readonly<Record<string, string>> {
    return { ...this.#disk?.variables, CRASH_SYNCHRONOUS: this.#synchronous };
  }

  async begin(): Promise<void> {
    this.#disk = await ForgetfulDisk.of(this.#folder, (path) => path.endsWith('-shm')); // memory that processes share
  }

  async losePower(random: () => number, atNs: bigint): Promise<Loss> {
    return this.#begun.losePower(random, atNs);
  }

  async unseen(): Promise<readonly string[]> {
    return this.#begun.unseen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disk?.[Symbol.dispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #begun(): ForgetfulDisk {
    if (this.#disk === undefined) throw new Error('begin() comes first');
    return this.#disk;
  }
}
