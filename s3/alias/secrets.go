package alias

import "strings"

// Secrets returns the secret key in ALIAS,URL,ACCESS_KEY,SECRET_KEY, a value of b2c.minio=.
func Secrets(value string) []string {
	if parts := strings.SplitN(value, ",", 4); len(parts) == 4 {
		return parts[3:]
	}
	return nil
}
