-- It has no status: what the API server accepted is all there is to it.
return { status = "Healthy", message = obj.spec.kind .. " at " .. (obj.spec.endpoint or "the provider's own endpoint") }
