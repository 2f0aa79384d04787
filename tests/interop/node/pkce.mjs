// oauth4webapi, a certified client library, through the whole life of a sign-in with PKCE: the redirect comes on stdin.
import { createInterface } from 'node:readline'
import * as oauth from 'oauth4webapi'

const issuer = process.env.OUTGROW_BASE_URL
const server = {
  issuer,
  authorization_endpoint: `${issuer}/oauth/authorize`,
  token_endpoint: `${issuer}/oauth/token`,
  revocation_endpoint: `${issuer}/oauth/revoke`,
  authorization_response_iss_parameter_supported: true,
}
const client = { client_id: process.env.OUTGROW_CLIENT_ID }
const secret = process.env.OUTGROW_CLIENT_SECRET
const authentication = {
  post: () => oauth.ClientSecretPost(secret),
  basic: () => oauth.ClientSecretBasic(secret),
  none: () => oauth.None(),
}[process.env.CLIENT_AUTH]()
const local = { [oauth.allowInsecureRequests]: true }
const redirectUri = 'http://127.0.0.1:8765/callback'

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const address = new URL(server.authorization_endpoint)
address.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri: redirectUri,
  response_type: 'code',
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
})
console.log(address.href)

for await (const line of createInterface({ input: process.stdin })) {
  const parameters = oauth.validateAuthResponse(server, client, new URL(line), state)
  const exchange = await oauth.authorizationCodeGrantRequest(
    server, client, authentication, parameters, redirectUri, verifier, local)
  const first = await oauth.processAuthorizationCodeResponse(server, client, exchange)
  const renewal = await oauth.refreshTokenGrantRequest(server, client, authentication, first.refresh_token, local)
  const second = await oauth.processRefreshTokenResponse(server, client, renewal)
  const me = await oauth.protectedResourceRequest(
    second.access_token, 'GET', new URL(`${issuer}/api/v1/me`), undefined, undefined, local)
  const revocation = await oauth.revocationRequest(server, client, authentication, second.refresh_token, local)
  await oauth.processRevocationResponse(revocation)
  const after = await fetch(`${issuer}/api/v1/me`, { headers: { Authorization: `Bearer ${second.access_token}` } })
  console.log(JSON.stringify({
    rotated: first.refresh_token !== second.refresh_token,
    email: (await me.json()).data.email,
    afterRevocation: after.status,
  }))
  break
}
