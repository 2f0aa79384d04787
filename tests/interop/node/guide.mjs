// The integration guide's own steps, unchanged but for the host: JSON token requests, a bearer, 401 -> refresh -> once more.
import axios from 'axios'
import express from 'express'

const BASE = process.env.OUTGROW_BASE_URL
const CLIENT_ID = process.env.OUTGROW_CLIENT_ID
const CLIENT_SECRET = process.env.OUTGROW_CLIENT_SECRET
const PORT = Number(process.env.PORT ?? 3000)
const REDIRECT_URI = `http://localhost:${PORT}/callback`

const app = express()
let tokens = null

app.get('/login', (request, response) => {
  const query = new URLSearchParams({ client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, response_type: 'code' })
  response.redirect(`${BASE}/oauth/authorize?${query}`)
})

app.get('/callback', async (request, response) => {
  const answer = await axios.post(`${BASE}/oauth/token`, {
    grant_type: 'authorization_code',
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    code: request.query.code,
    redirect_uri: REDIRECT_URI,
  })
  tokens = answer.data
  response.send('signed in')
})

async function refresh() {
  const answer = await axios.post(`${BASE}/oauth/token`, {
    grant_type: 'refresh_token',
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    refresh_token: tokens.refresh_token,
  })
  tokens = { ...tokens, ...answer.data }
}

async function get(path) {
  const ask = () => axios.get(`${BASE}/api/v1${path}`, { headers: { Authorization: `Bearer ${tokens.access_token}` } })
  try {
    return await ask()
  } catch (error) {
    if (error.response?.status !== 401) throw error
    await refresh()
    return await ask()
  }
}

app.get('/contents', async (request, response) => {
  const answer = await get('/calculator?status=Both&type=All')
  response.json(answer.data.data.map((item) => item.name))
})

app.listen(PORT, 'localhost', () => console.log('listening'))
