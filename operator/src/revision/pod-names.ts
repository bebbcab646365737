/** The container that runs the agent. */
export const agentContainerName = 'agent';
/** Name of the container port of the agent's HTTP API. */
export const httpPortName = 'http';
export const httpPort = 8080;
/** Container port of the same API for mirrored requests, which nobody waits for. */
export const mirrorPortName = 'mirror';
export const mirrorPort = 8082;

export const bundleVolumeName = 'sluice-bundle';
export const bundleMountPath = '/etc/sluice/bundle';
export const providerKeyVolumeName = 'sluice-provider';
export const providerKeyMountPath = '/var/run/secrets/sluice/provider';
/** File of the provider's key below {@link providerKeyMountPath}. */
export const providerKeyFile = 'api-key';
/** Keys of the other providers that an agent names: a folder for each, with the same file. */
export const otherKeysMountPath = '/var/run/secrets/sluice/provider-keys';
/** Volumes of Secrets and ConfigMaps that the runtime reads again while it runs: a change needs no restart, and is pinned by no revision. */
export const liveVolumePrefix = 'sluice-live-';
/** The pod's own token, for reading what the API server publishes to all. */
export const clusterVolumeName = 'sluice-cluster';
export const scratchVolumeName = 'sluice-tmp';
export const scratchMountPath = '/tmp';

/** The numeric user and group of the runtime image. */
export const agentUserId = 65_532;
