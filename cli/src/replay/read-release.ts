import { type Release, releaseSpec, releaseStatus } from '@sluice/crds';
import { badInput, readManifests } from '../eval/manifests.ts';
import type { Surroundings } from '../surroundings.ts';

/** The one Release of a file, as `kubectl get release NAME -o yaml` writes it. Throws CliError. */
export async function releaseOfFile(path: string, surroundings: Pick<Surroundings, 'readFile' | 'manifestFiles'>): Promise<Release> {
  const found = (await readManifests([path], surroundings)).filter(({ kind }) => kind === 'Release');
  const [first] = found;
  if (first === undefined) throw badInput(`"${path}" holds no Release: write one by kubectl get release NAME -o yaml`);
  if (found.length > 1) throw badInput(`"${path}" holds ${found.length} Releases (${found.map(({ name }) => name).join(', ')}): name a file with one`);
  return checkedRelease(first.value as unknown as Release, path);
}

/** Throws CliError (badInput) for one whose record has another form. */
export function checkedRelease(release: Release, where: string): Release {
  const spec = releaseSpec.safeParse(release.spec);
  const status = releaseStatus.safeParse(release.status ?? {});
  if (spec.success && status.success) return { ...release, spec: spec.data, status: status.data };
  const [member, issue] = spec.success ? ['status', status.error?.issues[0]] : ['spec', spec.error.issues[0]];
  throw badInput(`${where}: ${member}.${issue?.path.join('.') ?? ''} is not what the operator writes (${issue?.message ?? 'it has another form'}): take the Release as the cluster has it`);
}
