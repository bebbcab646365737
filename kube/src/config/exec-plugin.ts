import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { dirname, isAbsolute, resolve } from 'node:path';
import { parseTime } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import type { KubeMetrics } from '../metrics/kube-metrics.ts';
import { configError } from './config-error.ts';
import type { Credential, CredentialSource, Environment } from './connection.ts';
import type { ExecSpec } from './kubeconfig-file.ts';

/** A credential this close to its end is fetched anew: clocks differ and requests take time. */
const EXPIRY_SKEW_MS = 60_000;
const PLUGIN_TIMEOUT_MS = 60_000;
const PLUGIN_OUTPUT_BYTES = 1024 * 1024;

/** What the plugin may be told of the cluster (`provideClusterInfo`). */
export interface ExecClusterInfo {
  readonly server: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'tls-server-name'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
}

export interface ExecPluginOptions {
  readonly spec: ExecSpec;
  readonly user: string;
  readonly cluster: ExecClusterInfo;
  readonly env: Environment;
  readonly clock: Clock;
  readonly metrics: KubeMetrics;
}

/** Credentials from an exec plugin, cached until shortly before they expire; one run at a time however many callers wait. */
export class ExecPlugin implements CredentialSource {
  readonly #options: ExecPluginOptions;
  #cached: { readonly credential: Credential; readonly expires: number } | undefined;
  #running: Promise<Credential> | undefined;
  #certificateEnd: number | undefined;

  constructor(options: ExecPluginOptions) {
    this.#options = options;
    const { clock, metrics } = options;
    metrics.onCollect(() => metrics.execPluginTtl(((this.#certificateEnd ?? Number.POSITIVE_INFINITY) - clock.now()) / 1000));
  }

  current(_options: { signal: AbortSignal }): Promise<Credential> {
    const cached = this.#cached;
    if (cached && this.#options.clock.now() < cached.expires - EXPIRY_SKEW_MS) return Promise.resolve(cached.credential);
    // The run is shared, so one caller's abort must not end it for the others; it has its own time limit.
    this.#running ??= this.#fetch().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  rejected(credential: Credential): void {
    if (this.#cached?.credential === credential) this.#cached = undefined;
  }

  async #fetch(): Promise<Credential> {
    const status = this.#parse(await this.#run());
    const certificate = status.clientCertificateData && status.clientKeyData ? { cert: status.clientCertificateData, key: status.clientKeyData } : undefined;
    const credential: Credential = { authorization: status.token ? `Bearer ${status.token}` : undefined, certificate };
    const expires = status.expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : parseTime(status.expirationTimestamp);
    // An unreadable expiry is treated as already over: run again rather than use a dead token.
    this.#cached = { credential, expires: expires ?? Number.NEGATIVE_INFINITY };
    this.#certificateEnd = certificate && endOf(certificate.cert);
    return credential;
  }

  #run(): Promise<string> {
    const { spec, user, env, metrics } = this.#options;
    const command = commandPath(spec);
    const childEnv = { ...env, ...spec.env, KUBERNETES_EXEC_INFO: JSON.stringify(this.#execInfo()) };
    return new Promise((accept, fail) => {
      const limits = { timeout: PLUGIN_TIMEOUT_MS, maxBuffer: PLUGIN_OUTPUT_BYTES, killSignal: 'SIGKILL' as const, env: childEnv };
      // stdout and stderr may hold a token: neither goes into the error, nor does execFile's own error, which quotes them.
      const child = execFile(command, [...spec.args], limits, (error, stdout) => {
        if (error === null) {
          metrics.execPluginCalled(0, 'no_error');
          return accept(stdout);
        }
        if (error.code === 'ENOENT' || error.code === 'EACCES') metrics.execPluginCalled(1, 'plugin_not_found_error');
        else if (typeof error.code === 'number') metrics.execPluginCalled(error.code, 'plugin_execution_error');
        else metrics.execPluginCalled(1, 'client_internal_error');
        const why = error.killed ? `did not end within ${PLUGIN_TIMEOUT_MS / 1000} s` : `failed (${String(error.code ?? error.signal)})`;
        const hint = spec.installHint ? `; ${spec.installHint}` : '; run it by hand to see why';
        fail(configError(`users['${user}'].exec: '${spec.command}' ${why}${hint}`));
      });
      child.stdin?.end();
    });
  }

  #execInfo(): object {
    const { spec, cluster } = this.#options;
    return {
      apiVersion: spec.apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false, ...(spec.provideClusterInfo ? { cluster } : {}) },
    };
  }

  #parse(stdout: string): ExecStatus {
    const { spec, user } = this.#options;
    const where = `users['${user}'].exec: '${spec.command}'`;
    let output: { apiVersion?: string; status?: ExecStatus };
    try {
      output = JSON.parse(stdout) as typeof output;
    } catch {
      throw configError(`${where} did not print JSON; it must print an ExecCredential of ${spec.apiVersion}`);
    }
    if (output.apiVersion !== spec.apiVersion) {
      throw configError(`${where} printed apiVersion '${String(output.apiVersion)}' but the kubeconfig says '${spec.apiVersion}'; make them equal`);
    }
    const status = output.status;
    if (!status?.token && !(status?.clientCertificateData && status.clientKeyData)) {
      throw configError(`${where} printed neither status.token nor status.clientCertificateData with status.clientKeyData`);
    }
    return status;
  }
}

interface ExecStatus {
  readonly token?: string;
  readonly expirationTimestamp?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
}

/** Milliseconds since the epoch at which a certificate ends; undefined when it is not one that can be read: TLS will say so. */
function endOf(pem: string): number | undefined {
  try {
    return parseTime(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

/** A command with a slash is relative to the kubeconfig, a bare one is looked up in PATH, as kubectl does. */
function commandPath(spec: ExecSpec): string {
  return spec.command.includes('/') && !isAbsolute(spec.command) ? resolve(dirname(spec.source), spec.command) : spec.command;
}
