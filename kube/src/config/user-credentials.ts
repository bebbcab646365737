import type { Clock } from '../clock.ts';
import type { KubeError } from '../kube-error.ts';
import type { KubeMetrics } from '../metrics/kube-metrics.ts';
import { CertificateFiles } from './certificate-files.ts';
import { configError } from './config-error.ts';
import type { CredentialSource, Environment, Impersonation } from './connection.ts';
import { fixedCredential, tokenFileCredential } from './credential-sources.ts';
import { fileOf, inline, readNow } from './entry-fields.ts';
import { type ExecClusterInfo, ExecPlugin } from './exec-plugin.ts';
import { readExecSpec } from './exec-spec.ts';
import { type Entry, type Fields, isFields, textOf } from './kubeconfig-file.ts';
import { KubeConfigTokens } from './kubeconfig-tokens.ts';
import { OidcCredential } from './oidc.ts';
import { OidcIssuer } from './oidc-issuer.ts';
import type { PersistTokens, TokenStore } from './token-store.ts';

export interface UserContext {
  readonly cluster: ExecClusterInfo;
  readonly env: Environment;
  readonly clock: Clock;
  readonly metrics: KubeMetrics;
  readonly persist: PersistTokens;
  readonly onPersistFailure: (failure: KubeError) => void;
}

/** Who `users[]` says the client is. Throws KubeError (reason `Config`). */
export function credentialsOf(user: Entry, context: UserContext): CredentialSource {
  const exec = user.fields['exec'];
  if (isFields(exec)) return new ExecPlugin({ spec: readExecSpec(user, exec), user: user.name, ...context });
  const provider = user.fields['auth-provider'];
  if (isFields(provider)) return oidcOf(user, provider, context);
  const authorization = authorizationOf(user);
  const cert = inline(user, 'client-certificate');
  const key = inline(user, 'client-key');
  const paths = { cert: fileOf(user, 'client-certificate'), key: fileOf(user, 'client-key') };
  const hasCert = cert !== undefined || paths.cert !== undefined;
  if (hasCert !== (key !== undefined || paths.key !== undefined)) {
    throw configError(`${at(user)} has only one of client-certificate and client-key; give both`);
  }
  if (cert === undefined && key === undefined && paths.cert && paths.key) return new CertificateFiles({ cert: paths.cert, key: paths.key }, context.clock, authorization);
  const certificate = hasCert ? { cert: cert ?? readNow(paths.cert), key: key ?? readNow(paths.key) } : undefined;
  const tokenFile = fileOf(user, 'tokenFile');
  // As in client-go, a tokenFile beats a token.
  return tokenFile === undefined ? fixedCredential({ authorization, certificate }) : tokenFileCredential(tokenFile, context.clock, certificate);
}

/** `as`, `as-uid`, `as-groups`, `as-user-extra`. */
export function impersonationOf(user: Entry): Impersonation | undefined {
  const as = textOf(user.fields['as']);
  const uid = textOf(user.fields['as-uid']);
  const groups = textList(user.fields['as-groups'], `${at(user)}.as-groups`);
  const fields = user.fields['as-user-extra'] ?? {};
  if (!isFields(fields)) throw configError(`${at(user)}.as-user-extra must be a mapping of names to lists of texts`);
  const extra = Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, textList(values, `${at(user)}.as-user-extra['${name}']`)]));
  if (as !== undefined) return { user: as, uid, groups, extra };
  if (uid !== undefined || groups.length > 0 || Object.keys(extra).length > 0) throw configError(`${at(user)} impersonates a uid, groups or extras without a user; add 'as'`);
  return undefined;
}

function textList(value: unknown, where: string): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) throw configError(`${where} must be a list of texts`);
  return value as string[];
}

function oidcOf(user: Entry, provider: Fields, context: UserContext): CredentialSource {
  const where = `${at(user)}.auth-provider`;
  if (provider['name'] !== 'oidc') throw configError(`${where} '${String(provider['name'])}' was removed from Kubernetes; use an exec plugin`);
  const config: Entry = { name: user.name, source: user.source, fields: isFields(provider['config']) ? provider['config'] : {} };
  const url = textOf(config.fields['idp-issuer-url'])?.replace(/\/$/, '');
  if (url === undefined || !URL.canParse(url) || new URL(url).protocol !== 'https:') throw configError(`${where}.config.idp-issuer-url is not an https URL; write the provider's issuer`);
  const clientId = textOf(config.fields['client-id']);
  if (clientId === undefined) throw configError(`${where}.config.client-id is missing; write the id under which this client is registered`);
  const caFile = fileOf(config, 'idp-certificate-authority');
  const ca = inline(config, 'idp-certificate-authority') ?? (caFile === undefined ? undefined : readNow(caFile));
  const issuer = new OidcIssuer({ url, clientId, clientSecret: textOf(config.fields['client-secret']), ca });
  return new OidcCredential({
    where, clientId, issuer, clock: context.clock, store: storeOf(user, context), onStoreFailure: context.onPersistFailure,
    idToken: textOf(config.fields['id-token']), refreshToken: textOf(config.fields['refresh-token']),
  });
}

function storeOf(user: Entry, { persist, clock }: UserContext): TokenStore | undefined {
  if (persist === 'kubeconfig') return new KubeConfigTokens(user.source, user.name, clock);
  return persist === 'memory' ? undefined : persist;
}

function authorizationOf(user: Entry): string | undefined {
  const token = textOf(user.fields['token']);
  if (token !== undefined) return `Bearer ${token.trim()}`;
  const username = textOf(user.fields['username']);
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${textOf(user.fields['password']) ?? ''}`).toString('base64')}`;
}

function at(user: Entry): string {
  return `kubeconfig '${user.source}': users['${user.name}']`;
}
