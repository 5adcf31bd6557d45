import { expect, test } from 'vitest';
import { named, withNeeds } from './catalog.ts';
import type { Service } from './service.ts';

const service = (name: string, ...needs: readonly string[]): Service => ({
  name,
  needs,
  stopSignal: 'SIGTERM',
  start: () => Promise.reject(new Error('not started here')),
  ask: () => Promise.resolve(),
});

const SERVICES = [service('store'), service('other'), service('pool', 'store'), service('proxy', 'pool')];

const namesOf = (services: readonly Service[]): readonly string[] => services.map(({ name }) => name);

test('what a service needs comes along, and first', () => {
  expect(namesOf(withNeeds(['proxy'], SERVICES))).toEqual(['store', 'pool', 'proxy']);
  expect(namesOf(withNeeds(['other', 'store'], SERVICES))).toEqual(['store', 'other']);
});

test('a name alone means that service alone', () => {
  expect(namesOf(named(['proxy'], SERVICES))).toEqual(['proxy']);
});

test('no name means every service', () => {
  expect(named([], SERVICES)).toEqual(SERVICES);
  expect(withNeeds([], SERVICES)).toEqual(SERVICES);
});

test('an unknown name is refused, with those that there are', () => {
  for (const choose of [named, withNeeds]) expect(() => choose(['stor'], SERVICES)).toThrow('no service is called stor; there are store, other, pool, proxy');
});

test('what is listed needs only what is listed before it', () => {
  const listed = named([]);
  for (const [index, { needs }] of listed.entries()) expect(namesOf(listed.slice(0, index))).toEqual(expect.arrayContaining([...needs]));
});
