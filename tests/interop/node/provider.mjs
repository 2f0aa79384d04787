// oidc-provider, a certified authorization server, with a tiny API of our bearer dialect that asks it about each token.
// One line on stdout says where everything is; people sign in by its own development pages.
import { createServer } from 'node:http'
import { randomBytes } from 'node:crypto'
import Provider from 'oidc-provider'

const SECRETS = JSON.parse(process.env.SECRETS)
const SHORT = 2
const native = {
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
}
const confidential = ([client_id, client_secret]) => ({
  ...native,
  client_id,
  client_secret,
  token_endpoint_auth_method: client_id.startsWith('basic') ? 'client_secret_basic' : 'client_secret_post',
})

function build(issuer) {
  return new Provider(issuer, {
    clients: [
      ...Object.entries(SECRETS).map(confidential),
      { ...native, client_id: 'public', token_endpoint_auth_method: 'none' },
    ],
    clockTolerance: 0,
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    pkce: { required: () => true, methods: ['S256'] },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access'],
    ttl: {
      AccessToken: (_, token) => (token.clientId === 'short-lived' ? SHORT : 600),
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
  })
}

const contents = [{ id: 'c1', name: 'Which plan fits you?', type: 'Quiz', status: 'Live', leads_count: 3 }]

async function api(provider, request, response) {
  const [, bearer] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  const token = bearer && (await provider.AccessToken.find(bearer))
  const known = {
    '/api/v1/me': () => ({ id: token.accountId, email: `${token.accountId}@example.com`, name: 'Ana', company: 'Acme' }),
    '/api/v1/calculator': () => contents,
  }[new URL(request.url, provider.issuer).pathname]
  const [status, body] = !token
    ? [401, { success: false, error: { code: 401, message: 'not a valid token' } }]
    : known
      ? [200, { success: true, data: known() }]
      : [404, { success: false, error: { code: 404, message: 'nothing here' } }]
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

const server = createServer().listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = build(issuer)
  const callback = provider.callback()
  server.on('request', (request, response) =>
    request.url.startsWith('/api/') ? api(provider, request, response) : callback(request, response))
  console.log(JSON.stringify({
    issuer,
    base_url: issuer,
    // a refresh token needs offline_access, and that needs prompt=consent (OpenID Connect Core, section 11)
    authorize_url: `${issuer}/auth?prompt=consent`,
    token_url: `${issuer}/token`,
    revoke_url: `${issuer}/token/revocation`,
    scope: 'openid offline_access',
  }))
})
