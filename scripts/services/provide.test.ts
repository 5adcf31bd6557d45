import { access } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Fleet } from './fleet.ts';
import { ownFolder } from './folders.ts';
import { launch } from './process.ts';
import { provide } from './provide.ts';
import { type Service, type Site, variableOf } from './service.ts';

function service(name: string, needs: readonly string[] = [], start: Service['start'] = startSleep): Service {
  return { name, needs, stopSignal: 'SIGTERM', start, ask: (url) => access(url) };
}

function startSleep({ folder }: Site) {
  return Promise.resolve({ pid: launch('sleep', ['600'], folder), url: folder });
}

function fleet(): Fleet {
  const it = new Fleet(ownFolder());
  onTestFinished(() => it.dissolve());
  return it;
}

test('a variable names the server of its service', () => {
  expect(variableOf('postgres-15')).toBe('SEMEL_TEST_POSTGRES_15');
});

test('a server of one’s own is used as it is, also by what stands in front of it', async () => {
  vi.stubEnv('SEMEL_TEST_OWN', 'own://address');
  onTestFinished(() => void vi.unstubAllEnvs());
  const seen: Site['urls'][] = [];
  const front = service('front', ['own'], (site) => {
    seen.push(site.urls);
    return startSleep(site);
  });
  const provisions = await provide([service('own'), front], fleet());
  expect(provisions.get('own')).toEqual({ url: 'own://address', from: 'variable' });
  expect(provisions.get('front')).toMatchObject({ from: expect.stringMatching(/^started in \d+\.\d s$/) });
  expect(seen).toEqual([{ own: 'own://address' }]);
});

test('what cannot be had says why, and so does what needs it', async () => {
  const broken = service('broken', [], () => Promise.reject(new Error('the registry is closed')));
  const provisions = await provide([broken, service('front', ['broken'])], fleet());
  expect(provisions.get('broken')).toEqual({ missing: 'the registry is closed' });
  expect(provisions.get('front')).toEqual({ missing: 'it needs broken: the registry is closed' });
});
