import { dirname } from 'node:path';
import type { DiskEntry } from './disk-log.ts';

/** What a power failure took. */
export interface Loss {
  /** Writes and changes of size since the last flush of their file, and how many of them are gone, or there in part. */
  readonly unflushed: number;
  readonly lost: number;
  readonly torn: number;
  /** Names made, changed or removed since the last flush of their folder or file, that are as before. */
  readonly namesLost: number;
}

type Change = { readonly offset: number; readonly data: Buffer } | { readonly size: number };

/** What a folder says of a name, from now on. Where it has been renamed: `from`. */
interface NameChange {
  readonly path: string;
  readonly file: ImageFile | undefined;
  readonly from?: string;
}

/** What a disk writes as a whole. */
const SECTOR_BYTES = 512;

/**
 * The files of a disk as they are in truth, behind the caches. What was flushed is there; of what was not, a power failure leaves what chance will have:
 * of each write all, nothing, or some of its sectors, in any order; of the names in a folder, the first few changes.
 */
export class DiskImage {
  #names: Map<string, ImageFile>;
  #cachedNames: Map<string, ImageFile>;
  #nameChanges: NameChange[] = [];

  constructor(files: Iterable<readonly [path: string, content: Buffer]>) {
    this.#names = new Map([...files].map(([path, content]) => [path, new ImageFile(content)]));
    this.#cachedNames = new Map(this.#names);
  }

  /** What is there after a power failure. */
  get files(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#names].map(([path, { bytes }]) => [path, bytes]));
  }

  /** What processes see. */
  get cachedFiles(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#cachedNames].map(([path, file]) => [path, file.cachedBytes]));
  }

  apply(entry: DiskEntry): void {
    const { path } = entry;
    switch (entry.kind) {
      case 'create':
        this.#fileAt(path);
        return;
      case 'write':
      case 'resize':
        this.#fileAt(path).change(entry.kind === 'write' ? { offset: entry.offset, data: entry.data } : { size: entry.size });
        return;
      case 'unlink':
        if (this.#cachedNames.has(path)) this.#changeName({ path, file: undefined });
        return;
      case 'rename':
        this.#changeName({ path: entry.to, file: this.#fileAt(path), from: path });
        return;
      case 'sync':
        this.#sync(path);
    }
  }

  /** Forgets what was not flushed. */
  losePower(random: () => number): Loss {
    const namesLost = this.#loseNames(random);
    const loss = { unflushed: 0, lost: 0, torn: 0, namesLost };
    for (const file of new Set(this.#names.values())) file.losePower(random, loss);
    this.#cachedNames = new Map(this.#names);
    return loss;
  }

  /** Whoever is told of a file before its maker has said that it made it, made it as well. */
  #fileAt(path: string): ImageFile {
    const known = this.#cachedNames.get(path);
    if (known !== undefined) return known;
    const file = new ImageFile(Buffer.alloc(0));
    this.#changeName({ path, file });
    return file;
  }

  #changeName(change: NameChange): void {
    applyName(this.#cachedNames, change);
    this.#nameChanges.push(change);
  }

  /** The flush of a file covers its own name, as on every file system of Linux that keeps a journal; that of a folder all names in it. */
  #sync(path: string): void {
    const file = this.#cachedNames.get(path);
    file?.flush();
    const flushed = this.#nameChanges.filter((change) => (file === undefined ? dirname(change.path) === path : change.file === file));
    if (flushed.length === 0) return;
    for (const change of flushed) applyName(this.#names, change);
    const names = new Set(flushed.map((change) => change.path));
    this.#nameChanges = this.#nameChanges.filter((change) => !flushed.includes(change) && !names.has(change.path)); // what was said of a name before is overtaken
  }

  #loseNames(random: () => number): number {
    let lost = 0;
    for (const changes of Map.groupBy(this.#nameChanges, ({ path }) => dirname(path)).values()) {
      const kept = Math.floor(random() * (changes.length + 1));
      for (const change of changes.slice(0, kept)) applyName(this.#names, change);
      lost += changes.length - kept;
    }
    this.#nameChanges = [];
    return lost;
  }
}

function applyName(names: Map<string, ImageFile>, { path, file, from }: NameChange): void {
  if (from !== undefined && names.get(from) === file) names.delete(from);
  if (file === undefined) names.delete(path);
  else names.set(path, file);
}

/** A file as it is in truth, and what has been done to it since it was last flushed. */
class ImageFile {
  #content: Content;
  #changes: Change[] = [];

  constructor(bytes: Buffer) {
    this.#content = new Content(bytes);
  }

  get bytes(): Buffer {
    return this.#content.bytes;
  }

  get cachedBytes(): Buffer {
    const cached = new Content(Buffer.from(this.bytes));
    for (const change of this.#changes) cached.apply(change);
    return cached.bytes;
  }

  change(change: Change): void {
    this.#changes.push(change);
  }

  flush(): void {
    for (const change of this.#changes) this.#content.apply(change);
    this.#changes = [];
  }

  /** Adds to `loss` what it comes to. */
  losePower(random: () => number, loss: { -readonly [Count in keyof Loss]: Loss[Count] }): void {
    loss.unflushed += this.#changes.length;
    this.#changes = this.#changes.flatMap((change) => {
      const fate = random() * 3;
      if (fate < 1) return [change];
      const left = fate < 2 ? [] : sectorsOf(change).filter(() => random() < 0.5);
      if (left.length === 0) loss.lost++;
      else loss.torn++;
      return left;
    });
    this.flush();
  }
}

/** A change of size is done or not; a write falls apart into what a disk writes as a whole. */
function sectorsOf(change: Change): readonly Change[] {
  if ('size' in change) return [];
  const { offset, data } = change;
  const sectors: Change[] = [];
  for (let at = 0; at < data.length; ) {
    const end = Math.min(data.length, at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES));
    sectors.push({ offset: offset + at, data: data.subarray(at, end) });
    at = end;
  }
  return sectors;
}

/** Bytes that grow; beyond their end there are zeros. */
class Content {
  #room: Buffer;
  #size: number;

  constructor(bytes: Buffer) {
    this.#room = bytes;
    this.#size = bytes.length;
  }

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#size);
  }

  apply(change: Change): void {
    const end = 'size' in change ? change.size : change.offset + change.data.length;
    if (end > this.#room.length) this.#room = Buffer.concat([this.bytes], Math.max(end, 2 * this.#room.length));
    if ('data' in change) change.data.copy(this.#room, change.offset);
    else if (end < this.#size) this.#room.fill(0, end, this.#size);
    this.#size = 'size' in change ? end : Math.max(this.#size, end);
  }
}
