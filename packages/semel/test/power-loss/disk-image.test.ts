import { describe, expect, test } from 'vitest';
import { DiskImage } from './disk-image.ts';
import type { DiskEntry } from './disk-log.ts';

type Deed<Entry = DiskEntry> = Entry extends DiskEntry ? Omit<Entry, 'atNs'> : never;

/** What is left if `random` always answers the same: see the constants below. */
function after(deeds: readonly Deed[], random: number): Record<string, string> {
  const image = new DiskImage([['/d/old', Buffer.from('old')]]);
  for (const deed of deeds) image.apply({ atNs: 0n, ...deed } as DiskEntry);
  image.losePower(() => random);
  return Object.fromEntries([...image.files].map(([path, bytes]) => [path, bytes.toString()]));
}

const write = (path: string, data: string, offset = 0): Deed => ({ kind: 'write', path, offset, data: Buffer.from(data) });
const sync = (path: string): Deed => ({ kind: 'sync', path, doneNs: 0n });
const NOTHING = 0.4;
const ALL_NAMES = 0.9;
const ALL_WRITES = 0;

describe('a write', () => {
  test('that was flushed stays', () => expect(after([write('/d/old', 'new'), sync('/d/old')], NOTHING)).toEqual({ '/d/old': 'new' }));
  test('that was not may be gone', () => expect(after([write('/d/old', 'new')], NOTHING)).toEqual({ '/d/old': 'old' }));
  test('that was not may be there', () => expect(after([write('/d/old', 'new')], ALL_WRITES)).toEqual({ '/d/old': 'new' }));
  test('is not flushed with another file', () => expect(after([write('/d/old', 'new'), sync('/d')], NOTHING)).toEqual({ '/d/old': 'old' }));
  test('beyond the end of a file leaves zeros before it', () => expect(after([write('/d/old', 'x', 5), sync('/d/old')], NOTHING)).toEqual({ '/d/old': 'old\0\0x' }));
  test('is torn between sectors, and nowhere else', () => {
    const image = new DiskImage([['/d/old', Buffer.alloc(0)]]);
    image.apply({ atNs: 0n, kind: 'write', path: '/d/old', offset: 500, data: Buffer.from('a'.repeat(12) + 'b'.repeat(512) + 'c'.repeat(512)) });
    const answers = [0.9, 0, 0.9, 0]; // it is torn; its first sector is there, its second is not, its third is
    expect(image.losePower(() => answers.shift() as number)).toEqual({ unflushed: 1, lost: 0, torn: 1, namesLost: 0 });
    expect(image.files.get('/d/old')?.toString()).toBe(`${'\0'.repeat(500)}${'a'.repeat(12)}${'\0'.repeat(512)}${'c'.repeat(512)}`);
  });
});

describe('a change of size', () => {
  test('that was not flushed may be gone', () => expect(after([{ kind: 'resize', path: '/d/old', size: 1 }], NOTHING)).toEqual({ '/d/old': 'old' }));
  test('leaves nothing behind that a later write could uncover', () => {
    expect(after([{ kind: 'resize', path: '/d/old', size: 1 }, write('/d/old', 'x', 2), sync('/d/old')], NOTHING)).toEqual({ '/d/old': 'o\0x' });
  });
});

describe('a name', () => {
  const made: readonly Deed[] = [{ kind: 'create', path: '/d/new' }, write('/d/new', 'new')];
  const renamed: Deed = { kind: 'rename', path: '/d/new', to: '/d/old' };

  test('that was not flushed may be gone, with what it stood for', () => expect(after(made, NOTHING)).toEqual({ '/d/old': 'old' }));
  test('is safe once its file is flushed', () => expect(after([...made, sync('/d/new')], NOTHING)).toEqual({ '/d/old': 'old', '/d/new': 'new' }));
  test('is safe once its folder is flushed, which the content is not', () => expect(after([...made, sync('/d')], NOTHING)).toEqual({ '/d/old': 'old', '/d/new': '' }));
  test('that another took over may be as it was', () => {
    expect(after([...made, sync('/d/new'), renamed], NOTHING)).toEqual({ '/d/old': 'old', '/d/new': 'new' });
    expect(after([...made, sync('/d/new'), renamed, sync('/d')], NOTHING)).toEqual({ '/d/old': 'new' });
  });
  test('that was removed may be back', () => {
    const removed: Deed = { kind: 'unlink', path: '/d/old' };
    expect(after([removed], NOTHING)).toEqual({ '/d/old': 'old' });
    expect(after([removed], ALL_NAMES)).toEqual({});
    expect(after([removed, sync('/d')], NOTHING)).toEqual({});
  });
  test('that was given once more is not what it was before', () => {
    expect(after([...made, { kind: 'unlink', path: '/d/new' }, { kind: 'create', path: '/d/new' }, sync('/d/new')], ALL_NAMES)).toEqual({ '/d/old': 'old', '/d/new': '' });
  });
});
