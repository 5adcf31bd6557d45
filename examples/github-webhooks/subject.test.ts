import { expect, test } from 'vitest';
import { subjectOf } from './subject.ts';

test.each([
  [{ repository: { full_name: 'octocat/hello-world' }, organization: { login: 'github' } }, 'octocat/hello-world'],
  [{ organization: { login: 'github' }, installation: { id: 7 } }, 'organization:github'],
  [{ installation: { id: 7 }, sender: { login: 'octocat' } }, 'installation:7'],
  [{ enterprise: { slug: 'acme' }, sender: { login: 'octocat' } }, 'enterprise:acme'],
  [{ repository: null, sender: { login: 'octocat' } }, 'user:octocat'],
  [{ repository: { full_name: '' }, sender: { login: ['octocat'] } }, 'github'],
  [{ security_advisory: {} }, 'github'],
  [null, 'github'],
])('%j is about %s', (payload, subject) => {
  expect(subjectOf(payload)).toBe(subject);
});
