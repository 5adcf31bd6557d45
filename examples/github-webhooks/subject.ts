import { isObject } from './schema.ts';

/** Where payloads say what they are about, the most specific first. The name of a repository has a slash, so no other subject is taken for one. */
const SUBJECTS: readonly { readonly prefix: string; readonly member: string; readonly name: string }[] = [
  { prefix: '', member: 'repository', name: 'full_name' },
  { prefix: 'organization:', member: 'organization', name: 'login' },
  { prefix: 'installation:', member: 'installation', name: 'id' },
  { prefix: 'enterprise:', member: 'enterprise', name: 'slug' },
  { prefix: 'user:', member: 'sender', name: 'login' },
];

/** What a payload is about: `octocat/hello-world`, or, where no repository is involved, `organization:…` and so on; `github` in the last resort. */
export function subjectOf(payload: unknown): string {
  if (!isObject(payload)) return 'github';
  for (const { prefix, member, name } of SUBJECTS) {
    const about = payload[member];
    const value = isObject(about) ? about[name] : undefined;
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return `${prefix}${value}`;
  }
  return 'github';
}
