import type { CustomResourceDefinition } from '../resources/cluster.ts';
import { CrdInstallError } from './crd-install-error.ts';

/** Checks the members that installing needs; all others pass through unread. Throws CrdInstallError that names the member. */
export function parseCrd(raw: unknown): CustomResourceDefinition {
  const name = text(member(member(raw, 'metadata'), 'name')) ?? '';
  const refuse = (message: string): never => { throw new CrdInstallError({ reason: 'Invalid', crd: name, message }); };
  const apiVersion = member(raw, 'apiVersion');
  if (apiVersion !== 'apiextensions.k8s.io/v1') refuse(`apiVersion is '${String(apiVersion)}'; write apiextensions.k8s.io/v1`);
  if (member(raw, 'kind') !== 'CustomResourceDefinition') refuse(`kind is '${String(member(raw, 'kind'))}'; write CustomResourceDefinition`);
  const spec = member(raw, 'spec');
  const [group, plural] = [text(member(spec, 'group')), text(member(member(spec, 'names'), 'plural'))];
  if (group === undefined) refuse('spec.group is missing; give the API group');
  if (plural === undefined) refuse('spec.names.plural is missing; give the plural name');
  if (name !== `${plural}.${group}`) refuse(`metadata.name must be spec.names.plural.spec.group; write '${plural}.${group}'`);
  const versions = member(spec, 'versions');
  if (!Array.isArray(versions) || !versions.every((each) => text(member(each, 'name')) !== undefined)) refuse('spec.versions must be a list of versions that each have a name');
  const storage = (versions as unknown[]).filter((each) => member(each, 'storage') === true).length;
  if (storage !== 1) refuse(`spec.versions has ${storage} versions with storage: true; mark exactly one`);
  return raw as CustomResourceDefinition;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
