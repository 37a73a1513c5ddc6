/* SPDX-License-Identifier: MIT */
/* A call of a librados that was built with the std::string from before C++11 (-D_GLIBCXX_USE_CXX11_ABI=0). */
int aio_watch(void) __asm__("_ZN8librados7v14_2_05IoCtx9aio_watchERKSsPNS0_13AioCompletionEPmPNS0_9WatchCtx2E");
int aio_watch(void)
{
	return 0;
}
