import { durationMilliseconds, type AgentDeployment, type KeyReference } from '@sluice/crds';
import type { EnvVar, Volume, VolumeMount } from '@sluice/kube';
import { clusterVolumeName, liveVolumePrefix } from './pod-names.ts';
import { inThousandths } from './quantity.ts';

type Spec = AgentDeployment['spec'];

/** What one part of the spec adds to the pods. */
export interface PodPart {
  readonly env?: readonly EnvVar[];
  readonly volumes?: readonly Volume[];
  readonly mounts?: readonly VolumeMount[];
}

const secretsPath = '/var/run/secrets/sluice';
const storePath = '/var/lib/sluice';
const fileMode = 0o440;

interface SecretFile {
  readonly reference: KeyReference;
  /** Name of the volume, and of the folder below {@link secretsPath}. */
  readonly volume: string;
  readonly folder: string;
  readonly file: string;
  /** The variable that says where the file is. */
  readonly variable: string;
}

/** Optional, as the provider's key is: so the container starts and says what is missing. A folder and no `subPath`, which would never change. */
function secretFile({ reference, volume, folder, file, variable }: SecretFile): PodPart {
  const mountPath = `${secretsPath}/${folder}`;
  return {
    env: [{ name: variable, value: `${mountPath}/${file}` }],
    volumes: [{ name: volume, secret: { secretName: reference.name, items: [{ key: reference.key, path: file }], defaultMode: fileMode, optional: true } }],
    mounts: [{ name: volume, mountPath, readOnly: true }],
  };
}

/** Bytes that the runtime lets a store in a file grow to by itself. */
const ownStoreBytes = 2n ** 30n;

/**
 * The store is full, and says so, before its volume is: then the pod would be evicted with all that it keeps. A quarter is for the log that is written before the file, and for
 * what the node counts. Nothing for a volume that has room for what the runtime takes by itself, so that revisions of before keep their names.
 */
function storeBound(sizeLimit: string): EnvVar[] {
  const thousandths = inThousandths(sizeLimit);
  const bytes = thousandths === undefined ? ownStoreBytes : (thousandths * 3n) / 4_000n;
  return bytes >= ownStoreBytes ? [] : [{ name: 'SLUICE_STORE_MAX_BYTES', value: String(bytes) }];
}

function stateParts({ sqlite, postgres, redis }: NonNullable<Spec['state']>): PodPart[] {
  return [
    ...(sqlite === undefined
      ? []
      : [
          {
            env: [{ name: 'SLUICE_STORE', value: `sqlite:${storePath}/state.db` }, ...storeBound(sqlite.sizeLimit)],
            volumes: [{ name: 'sluice-state', emptyDir: { sizeLimit: sqlite.sizeLimit } }],
            mounts: [{ name: 'sluice-state', mountPath: storePath }],
          },
        ]),
    ...(postgres === undefined ? [] : [secretFile({ reference: postgres.urlSecretRef, volume: 'sluice-store', folder: 'store', file: 'url', variable: 'SLUICE_STORE_FILE' })]),
    ...(redis === undefined ? [] : [secretFile({ reference: redis.urlSecretRef, volume: 'sluice-redis', folder: 'redis', file: 'url', variable: 'SLUICE_REDIS_FILE' })]),
  ];
}

function jobParts({ concurrency, callbacks, batch }: NonNullable<Spec['jobs']>): PodPart[] {
  return [
    ...(concurrency === undefined ? [] : [{ env: [{ name: 'SLUICE_JOB_CONCURRENCY', value: String(concurrency) }] }]),
    ...(batch === undefined ? [] : [{ env: [{ name: 'SLUICE_JOB_BATCH_COLLECT', value: `${durationMilliseconds(batch.collectFor)}ms` }, { name: 'SLUICE_JOB_BATCH_MAX_WAIT', value: `${durationMilliseconds(batch.maxWait)}ms` }] }]),
    ...(callbacks === undefined
      ? []
      : [
          { env: [{ name: 'SLUICE_CALLBACK_HOSTS', value: callbacks.hosts.toSorted().join(',') }] },
          secretFile({ reference: callbacks.secretRef, volume: `${liveVolumePrefix}callbacks`, folder: 'callbacks', file: 'secrets', variable: 'SLUICE_CALLBACK_SECRETS_FILE' }),
        ]),
  ];
}

/** A token of the pod's own and the authority of the API server, to read the keys that tokens of ServiceAccounts are signed with. */
function clusterPart(): PodPart {
  const mountPath = `${secretsPath}/cluster`;
  const sources = [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }];
  return {
    env: [{ name: 'SLUICE_CLUSTER_DIR', value: mountPath }],
    volumes: [{ name: clusterVolumeName, projected: { sources, defaultMode: fileMode } }],
    mounts: [{ name: clusterVolumeName, mountPath, readOnly: true }],
  };
}

function accessParts({ keysSecretRef, serviceAccounts, anonymous, corsOrigins }: NonNullable<Spec['access']>): PodPart[] {
  return [
    ...(keysSecretRef === undefined ? [] : [secretFile({ reference: keysSecretRef, volume: `${liveVolumePrefix}access`, folder: 'access', file: 'access.json', variable: 'SLUICE_ACCESS_FILE' })]),
    ...(serviceAccounts === undefined ? [] : [clusterPart()]),
    ...(anonymous === undefined ? [] : [{ env: [{ name: 'SLUICE_ANONYMOUS_ACCESS', value: anonymous }] }]),
    ...(corsOrigins === undefined ? [] : [{ env: [{ name: 'SLUICE_CORS_ORIGINS', value: corsOrigins.toSorted().join(',') }] }]),
  ];
}

/** Outside of what a revision pins: flags are turned in an incident, when no release could wait. A folder and no `subPath`, which would never change. */
function flagParts({ configMapKeyRef: { name, key } }: NonNullable<Spec['flags']>): PodPart[] {
  const [volume, mountPath, file] = [`${liveVolumePrefix}flags`, '/etc/sluice/flags', 'flags.json'];
  return [
    {
      env: [{ name: 'SLUICE_FLAGS_FILE', value: `${mountPath}/${file}` }],
      volumes: [{ name: volume, configMap: { name, items: [{ key, path: file }], optional: true } }],
      mounts: [{ name: volume, mountPath, readOnly: true }],
    },
  ];
}

/** The secrets of tools, each in a folder of its name below one that the runtime knows by itself. */
function credentialParts(credentials: NonNullable<Spec['agent']['credentials']>): PodPart[] {
  return credentials.map(({ name, secretRef }) => {
    const volume = `${liveVolumePrefix}tool-${name}`;
    return {
      volumes: [{ name: volume, secret: { secretName: secretRef.name, items: [{ key: secretRef.key, path: 'secret' }], defaultMode: fileMode, optional: true } }],
      mounts: [{ name: volume, mountPath: `${secretsPath}/tools/${name}`, readOnly: true }],
    };
  });
}

/** What `spec.state`, `spec.jobs`, `spec.access`, `spec.flags` and the credentials of tools add to the pods; nothing where they are not set, so that older revisions keep their names. */
export function specParts({ state, jobs, access, flags, agent: { credentials = [] } }: Pick<Spec, 'state' | 'jobs' | 'access' | 'flags' | 'agent'>): Required<PodPart> {
  const parts = [...(state === undefined ? [] : stateParts(state)), ...(jobs === undefined ? [] : jobParts(jobs)), ...(access === undefined ? [] : accessParts(access)), ...(flags === undefined ? [] : flagParts(flags)), ...credentialParts(credentials)];
  return { env: parts.flatMap(({ env = [] }) => env), volumes: parts.flatMap(({ volumes = [] }) => volumes), mounts: parts.flatMap(({ mounts = [] }) => mounts) };
}
