from django.urls import path

from chat import views

urlpatterns = [
    path("", views.home, name="home"),
    path("new/", views.start, name="conversation-start"),
    path("conversations/", views.conversations, name="conversations"),
    path("picker/", views.picker, name="picker"),
    path("c/<int:pk>/", views.conversation, name="conversation"),
    path("c/<int:pk>/send/", views.send, name="message-send"),
    path("c/<int:pk>/people/", views.people, name="conversation-people"),
    path("c/<int:pk>/messages/", views.messages_after, name="messages"),
    path("c/<int:pk>/messages/<int:message>/", views.message, name="message"),
    path("c/<int:pk>/messages/<int:message>/stop/", views.stop, name="message-stop"),
    path("c/<int:pk>/messages/<int:message>/again/", views.again, name="message-again"),
    path("c/<int:pk>/messages/<int:message>/retry/", views.retry, name="message-retry"),
    path(
        "c/<int:pk>/messages/<int:message>/continue/",
        views.go_on,
        name="message-continue",
    ),
]
