/* Prints the addresses of a host, one a line, by the C library's resolver. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct addrinfo hints, *list, *a;
	char text[NI_MAXHOST];
	int error;

	(void)argc;
	memset(&hints, 0, sizeof hints);
	hints.ai_socktype = SOCK_STREAM;
	error = getaddrinfo(argv[1], NULL, &hints, &list);
	if (error != 0) {
		fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(error));
		return 1;
	}
	for (a = list; a != NULL; a = a->ai_next)
		if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0)
			puts(text);
	return 0;
}
