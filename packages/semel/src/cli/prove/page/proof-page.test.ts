import { expect, test } from 'vitest';
import { proofOf, VIOLATION } from '../proof-fixture.ts';
import { proofPage } from './proof-page.ts';

/** Elements that have no end. */
const VOID: ReadonlySet<string> = new Set(['meta', '!doctype']);

function count(page: string, part: string): number {
  return page.split(part).length - 1;
}

/** The elements that are open at the end, or are closed where another one is open. */
function unbalanced(page: string): readonly string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  const body = page.replace(/<(script|style)>.*?<\/\1>/gs, '');
  for (const [, end, name = '', own] of body.matchAll(/<(\/?)([a-z!][a-z0-9]*)[^<>]*?(\/?)>/g)) {
    if (VOID.has(name) || own === '/') continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...open, ...wrong];
}

const sound = proofPage(proofOf());
const refuted = proofPage(proofOf([VIOLATION]));

test.each([
  ['of a proof', sound],
  ['of a refutation', refuted],
])('the page %s is whole, and needs nothing from elsewhere', (_what, page) => {
  expect(unbalanced(page)).toEqual([]);
  expect(page).not.toMatch(/https?:|src=|@import|url\(/);
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
  expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  expect(targets.length).toBeGreaterThan(0);
});

test('a lane for each worker, with its messages, its stop and its death', () => {
  const [first = ''] = sound.split('id="trial-2"');
  expect(count(first, 'class="who"')).toBe(2);
  expect(count(first, 'data-message="0"><title>')).toBe(2);
  expect(first).toContain('>SIGKILL</text>');
  expect(first).toContain('>SIGSTOP</text>');
  expect(count(first, 'class="commit"')).toBe(1); // of the message whose handler ran
});

test('each message has its story', () => {
  const [story = ''] = /<details class="message-story" id="trial-1-m1".*?<\/details>/s.exec(sound) ?? [];
  expect(story).toContain('<i>201.0 ms</i> worker 2: before the handler is called'.replace('201.0', '201'));
  expect(story).not.toContain('worker 1: before the handler is called');
  expect(story).toContain('worker 1 is killed (SIGKILL)');
});

test('what is wrong stands first, with what to do, and its trial is open', () => {
  expect(refuted.indexOf('What is wrong')).toBeLessThan(refuted.indexOf('What was done'));
  expect(refuted).toContain('<b>What to do:</b> Write with <code>tx</code>.');
  expect(refuted).toContain('<a href="#trial-1">What happened</a>');
  expect(refuted).toMatch(/id="trial-1" open>/);
  expect(sound).not.toContain('What is wrong');
});

test('what a stranger wrote is text', () => {
  expect(sound).toContain('<title>pay&lt;ments: proven</title>');
  expect(sound).toContain('&lt;A1&gt;');
  expect(sound).not.toMatch(/<A1>|pay<ments/);
});
