import { chownSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readableFolder, writableFolder } from '../../../../scripts/services/folders.ts';
import { compiled } from '../../../../scripts/services/preloaded.ts';
import { DiskImage, type Loss } from './disk-image.ts';
import { readDiskLogs } from './disk-log.ts';

/**
 * A folder on a disk that forgets what was not flushed. What is in it when it is made is safe. From then on only processes with {@link variables} may write
 * there, until all of them are dead and the power is lost.
 */
export class ForgetfulDisk implements Disposable {
  /** What the processes that write to it are started with. */
  readonly variables: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #own: string;
  readonly #logs: string;
  readonly #image: DiskImage;
  readonly #isTransient: (path: string) => boolean;

  private constructor(folder: string, own: string, library: string, isTransient: (path: string) => boolean) {
    this.#folder = realpathSync(folder);
    this.#own = own;
    this.#logs = writableFolder(join(own, 'logs'));
    this.#isTransient = isTransient;
    this.#image = new DiskImage(filesBelow(this.#folder).map((path) => [path, readFileSync(path)]));
    this.variables = { LD_PRELOAD: library, SEMEL_DISK: this.#folder, SEMEL_DISK_LOGS: this.#logs };
  }

  /** Why there can be none here; undefined where there can. */
  static async missing(): Promise<string | undefined> {
    const folder = mkdtempSync(join(tmpdir(), 'semel-forgetful-try-'));
    try {
      using _ = await ForgetfulDisk.of(folder);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /**
   * @param isTransient tells the files that are made anew after a crash, whatever is in them: nothing of them is left
   * @throws Error with the reason where this system cannot have one
   */
  static async of(folder: string, isTransient: (path: string) => boolean = () => false): Promise<ForgetfulDisk> {
    const own = readableFolder(mkdtempSync(join(tmpdir(), 'semel-forgetful-')));
    try {
      return new ForgetfulDisk(folder, own, await compiled(join(import.meta.dirname, 'forgetful-disk.c'), own), isTransient);
    } catch (error) {
      rmSync(own, { recursive: true });
      throw error;
    }
  }

  /**
   * Leaves in the folder what a power failure does.
   *
   * @param atNs when, by `process.hrtime.bigint()`: what was done later never happened
   */
  losePower(random: () => number, atNs: bigint): Loss {
    this.#replay(atNs);
    const loss = this.#image.losePower(random);
    this.#restore();
    return loss;
  }

  /** The files that differ from what was written down: with everybody at rest, those that were written by ways that are not seen. */
  unseen(): readonly string[] {
    this.#replay(process.hrtime.bigint());
    const { cachedFiles } = this.#image;
    const paths = new Set([...cachedFiles.keys(), ...filesBelow(this.#folder)]);
    const unseen = [...paths].filter((path) => !this.#isTransient(path) && !sameBytes(cachedFiles.get(path), contentOf(path)));
    return unseen.map((path) => path.slice(this.#folder.length + 1));
  }

  [Symbol.dispose](): void {
    rmSync(this.#own, { recursive: true, force: true });
  }

  #replay(untilNs: bigint): void {
    for (const entry of readDiskLogs(this.#logs)) {
      const doneNs = entry.kind === 'sync' ? entry.doneNs : entry.atNs;
      if (doneNs <= untilNs && !this.#isTransient(entry.path)) this.#image.apply(entry);
    }
    for (const name of readdirSync(this.#logs)) unlinkSync(join(this.#logs, name));
  }

  #restore(): void {
    const { files } = this.#image;
    const { uid, gid } = statSync(this.#folder);
    for (const path of filesBelow(this.#folder)) if (!files.has(path)) unlinkSync(path);
    for (const [path, content] of files) {
      if (sameBytes(content, contentOf(path))) continue;
      writeFileSync(path, content, { mode: 0o600 });
      chownSync(path, uid, gid);
    }
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function sameBytes(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}
