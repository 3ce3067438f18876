// policy prints the version 2 encryption policy of a folder, by the kernel's own header.
#include <fcntl.h>
#include <linux/fscrypt.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	struct fscrypt_get_policy_ex_arg arg = { .policy_size = sizeof(arg.policy) };
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0 || ioctl(fd, FS_IOC_GET_ENCRYPTION_POLICY_EX, &arg) != 0) {
		perror("policy");
		return 1;
	}
	if (arg.policy.version != FSCRYPT_POLICY_V2)
		return 2;
	printf("contents AES-256-XTS: %d\n", arg.policy.v2.contents_encryption_mode == FSCRYPT_MODE_AES_256_XTS);
	printf("names AES-256-CTS: %d\n", arg.policy.v2.filenames_encryption_mode == FSCRYPT_MODE_AES_256_CTS);
	printf("padding 32: %d\n", arg.policy.v2.flags == FSCRYPT_POLICY_FLAGS_PAD_32);
	printf("key ");
	for (int i = 0; i < FSCRYPT_KEY_IDENTIFIER_SIZE; i++)
		printf("%02x", arg.policy.v2.master_key_identifier[i]);
	printf("\n");
	return 0;
}
