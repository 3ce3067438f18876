package remote

import (
	"net/http"

	"bootrc/s3/alias"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// newCredentials takes the alias's keys, or, where it has none, what AWS's own
// programs would find: the environment, the profile's file, web identity, and
// the metadata of the instance or container, in this order.
func newCredentials(a alias.Alias, getenv func(string) string, client *http.Client) *credentials.Credentials {
	if a.Anonymous {
		return credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
	}
	if a.AccessKey != "" {
		return credentials.NewStaticV4(a.AccessKey, a.SecretKey, a.SessionToken)
	}
	if key := getenv("AWS_ACCESS_KEY_ID"); key != "" {
		return credentials.NewStaticV4(key, getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"))
	}
	return credentials.NewChainCredentials([]credentials.Provider{
		&credentials.FileAWSCredentials{
			Filename: getenv("AWS_SHARED_CREDENTIALS_FILE"),
			Profile:  getenv("AWS_PROFILE"),
		},
		newIAM(getenv, client),
	})
}

func newIAM(getenv func(string) string, client *http.Client) *credentials.IAM {
	iam := &credentials.IAM{
		Client:   client,
		Endpoint: getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
		Region:   getenv("AWS_REGION"),
	}
	iam.EKSIdentity.TokenFile = getenv("AWS_WEB_IDENTITY_TOKEN_FILE")
	iam.EKSIdentity.RoleARN = getenv("AWS_ROLE_ARN")
	iam.EKSIdentity.RoleSessionName = getenv("AWS_ROLE_SESSION_NAME")
	iam.Container.AuthorizationToken = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	iam.Container.AuthorizationTokenFile = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
	iam.Container.CredentialsFullURI = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	iam.Container.CredentialsRelativeURI = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
	return iam
}
