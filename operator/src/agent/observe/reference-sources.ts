import type { AgentDeployment } from '@sluice/crds';
import { source } from '@sluice/kube';
import type { KubeObject, ObjectKey, Source, SourceEvent } from '@sluice/kube';
import type { Caches } from '../../caches.ts';
import { agentLabel } from '../../children/index.ts';
import { byReference, type ReferentKind, referentKey } from '../../reference-index.ts';
import type { VersionedSecret } from '../../revision/index.ts';

/** Wakes the agents that name what changed: providers, suites, prompts, and what their pods refer to. */
export function referenceSources(caches: Caches): Source[] {
  const { secrets } = caches;
  return [
    source({ informer: caches.providers, keys: (provider) => agentsThatName('ModelProvider', provider, caches) }),
    source({ informer: caches.suites, keys: (suite) => agentsThatName('EvalSuite', suite, caches) }),
    source({ informer: caches.configMaps, keys: (configMap) => [...labelKeys(configMap), ...agentsThatName('ConfigMap', configMap, caches)] }),
    ...(secrets === undefined ? [] : [source({ informer: secrets, keys: (secret) => usersOfSecret(secret, caches), predicate: versionChanged })]),
  ];
}

/** The agent that something was made for. */
export function labelKeys(object: KubeObject): ObjectKey[] {
  const name = object.metadata.labels?.[agentLabel];
  return name === undefined ? [] : [{ namespace: object.metadata.namespace ?? '', name }];
}

function agentsThatName(kind: ReferentKind, { metadata }: KubeObject, { agents }: Caches): ObjectKey[] {
  return agents.store.byIndex(byReference, referentKey(kind, metadata.namespace, metadata.name)).map(keyOf);
}

/** By their specs, by the providers that these name, and by pods of older revisions. */
function usersOfSecret(secret: KubeObject, caches: Caches): ObjectKey[] {
  const key = referentKey('Secret', secret.metadata.namespace, secret.metadata.name);
  const providers = caches.providers.store.byIndex(byReference, key);
  return [
    ...agentsThatName('Secret', secret, caches),
    ...providers.flatMap((provider) => agentsThatName('ModelProvider', provider, caches)),
    ...caches.deployments.store.byIndex(byReference, key).flatMap(labelKeys),
  ];
}

/** A label or an annotation on a Secret concerns nobody. */
function versionChanged(event: SourceEvent<VersionedSecret>): boolean {
  return event.type !== 'updated' || event.object.version !== event.previous.version;
}

function keyOf({ metadata }: AgentDeployment): ObjectKey {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}
