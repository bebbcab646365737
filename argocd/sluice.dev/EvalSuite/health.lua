-- It has no status: what the API server accepted is all there is to it.
return { status = "Healthy", message = tostring(table.getn(obj.spec.cases)) .. " cases" }
