import { A2A_PROTOCOL_VERSION } from '@a2a-js/sdk';
import { VersionNotSupportedError } from '@a2a-js/sdk/errors';
import { cardPath } from '../agent-card/well-known.ts';

/**
 * Throws VersionNotSupportedError for every other version than the one of this server. The protocol reads no version as 0.3, so a client of
 * that time is told in words what it has met instead of an unknown method.
 */
export function checkVersion(requested: string | undefined): void {
  if (requested === A2A_PROTOCOL_VERSION) return;
  const asked = requested === undefined || requested === '' ? 'The request has no A2A-Version header, which means 0.3' : 'The request asks for another version of the protocol';
  throw new VersionNotSupportedError(`${asked}. This agent speaks A2A ${A2A_PROTOCOL_VERSION}: send "A2A-Version: ${A2A_PROTOCOL_VERSION}" and its methods (SendMessage, not message/send). The card is at ${cardPath}`);
}
